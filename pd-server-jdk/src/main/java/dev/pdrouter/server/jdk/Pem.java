package dev.pdrouter.server.jdk;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One block of a PEM file (RFC 7468).
 *
 * @param label what it says it is
 * @param bytes the content
 * @param encrypted whether a passphrase is needed, by its label or the header of OpenSSL's older form
 */
record Pem(String label, byte[] bytes, boolean encrypted) {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([^-\r\n]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    /**
     * Finds all blocks of a text.
     *
     * @param text a file's text; what stands between the blocks is passed over
     * @return the blocks in order
     * @throws IllegalArgumentException when a block is no whole base 64
     */
    static List<Pem> parse(String text) {
        List<Pem> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String label = block.group(1);
            String body = block.group(2);
            boolean encrypted = label.startsWith("ENCRYPTED") || body.contains("Proc-Type: 4,ENCRYPTED");
            blocks.add(new Pem(
                    label, encrypted ? new byte[0] : Base64.getMimeDecoder().decode(body.strip()), encrypted));
        }
        return blocks;
    }
}
