package dev.pdrouter.server.jdk;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.StringJoiner;

/** The YAML file: one mapping of option names to values, where a list option takes a list or a comma list. */
final class Yaml {

    private final JsonParser parser;
    private final String origin;

    private Yaml(JsonParser parser, String origin) {
        this.parser = parser;
        this.origin = origin;
    }

    /**
     * Takes the settings of a file.
     *
     * @param file its path
     * @param settings where they go
     * @throws BadSetting when it cannot be read, or for the first setting that is wrong
     */
    static void applyFile(Path file, Settings settings) throws BadSetting {
        String setting = "-configuration-file=" + file;
        try {
            apply(Files.readString(file), file.toString(), settings);
        } catch (NoSuchFileException e) {
            throw BadSetting.of(setting, "there is no such file");
        } catch (CharacterCodingException e) {
            throw BadSetting.of(setting, "not a text in UTF-8");
        } catch (IOException e) {
            throw BadSetting.of(setting, "cannot be read: " + BadSetting.shown(String.valueOf(e.getMessage())));
        }
    }

    /**
     * Takes the settings of a text.
     *
     * @param text YAML
     * @param origin where it is from
     * @param settings where they go
     * @throws BadSetting when it is no YAML, or for the first setting that is wrong
     */
    static void apply(String text, String origin, Settings settings) throws BadSetting {
        YAMLFactory factory = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try (JsonParser parser = factory.createParser(text)) {
            new Yaml(parser, origin).mapping(settings);
        } catch (JsonProcessingException e) {
            String reason =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw BadSetting.of(origin + " line " + line, "expected YAML: " + BadSetting.shown(reason));
        } catch (IOException e) {
            throw BadSetting.of(origin, BadSetting.shown(String.valueOf(e.getMessage())));
        }
    }

    private void mapping(Settings settings) throws IOException, BadSetting {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            throw BadSetting.of(origin, "expected option names and values, such as port: 8000");
        }
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            int line = parser.currentTokenLocation().getLineNr();
            String text = value();
            String setting = origin + " line " + line + ": " + BadSetting.shown(name) + ": " + BadSetting.shown(text);
            settings.set(Source.YAML, name, text, setting);
        }
        if (parser.nextToken() != null) {
            throw BadSetting.of(origin, "expected one document");
        }
    }

    private String value() throws IOException, BadSetting {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
            return "";
        }
        if (token != JsonToken.START_ARRAY) {
            return scalar(token);
        }
        StringJoiner list = new StringJoiner(",");
        for (token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(scalar(token));
        }
        return list.toString();
    }

    private String scalar(JsonToken token) throws IOException, BadSetting {
        if (!token.isScalarValue()) {
            throw BadSetting.of(
                    origin + " line " + parser.currentTokenLocation().getLineNr(),
                    "expected a value or a list of them");
        }
        return parser.getText();
    }
}
