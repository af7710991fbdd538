/** KV and EC connectors, one class each. */
module dev.pdrouter.connectors {
    requires static transitive org.jspecify;
    requires transitive dev.pdrouter.core;

    exports dev.pdrouter.connectors;

    provides dev.pdrouter.connector.EcConnector with
            dev.pdrouter.connectors.EcExampleConnector,
            dev.pdrouter.connectors.EcNixlConnector;
    provides dev.pdrouter.connector.KvConnector with
            dev.pdrouter.connectors.LmCacheConnector,
            dev.pdrouter.connectors.MooncakeConnector,
            dev.pdrouter.connectors.MoriIoConnector,
            dev.pdrouter.connectors.NixlConnector,
            dev.pdrouter.connectors.NixlPushConnector,
            dev.pdrouter.connectors.NixlV2Connector,
            dev.pdrouter.connectors.OffloadingConnector,
            dev.pdrouter.connectors.SglangConnector,
            dev.pdrouter.connectors.SharedStorageConnector;
}
