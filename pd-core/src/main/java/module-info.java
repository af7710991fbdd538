/** Routes one LLM request through a prefiller and a decoder, and hands the KV cache over. */
module dev.pdrouter.core {
    requires static transitive org.jspecify;
    requires transitive com.fasterxml.jackson.databind;
    requires transitive java.net.http;
    requires org.slf4j;

    exports dev.pdrouter;
    exports dev.pdrouter.connector;
    exports dev.pdrouter.event;

    uses dev.pdrouter.connector.EcConnector;
    uses dev.pdrouter.connector.KvConnector;
}
