package dev.pdrouter.connector;

/** What may stand around the one object that a body is: blanks, and a byte order mark at the very beginning. */
final class JsonText {

    private JsonText() {}

    /** Finds the brace that opens the object. */
    static int begin(byte[] bytes) throws JsonBody.Malformed {
        if (hasZeroAtBegin(bytes) || !Utf8.isValid(bytes)) {
            throw new JsonBody.Malformed("is not UTF-8");
        }
        int at = skipBlanks(bytes, hasMark(bytes) ? 3 : 0);
        if (at == bytes.length) {
            throw new JsonBody.Malformed("is empty");
        }
        if (bytes[at] != '{') {
            throw new JsonBody.Malformed("is not a JSON object");
        }
        return at;
    }

    /** Checks that nothing follows the object. */
    static void end(byte[] bytes, int close) throws JsonBody.Malformed {
        int at = skipBlanks(bytes, close);
        if (at < bytes.length) {
            throw new JsonBody.Malformed("is not valid JSON: something follows the JSON object, at byte " + at);
        }
    }

    /** So begin UTF-16 and UTF-32 without a mark (RFC 4627 section 3), which is UTF-8 too, of a sort. */
    private static boolean hasZeroAtBegin(byte[] bytes) {
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            if (bytes[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasMark(byte[] bytes) {
        return bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF;
    }

    private static int skipBlanks(byte[] bytes, int from) {
        int at = from;
        while (at < bytes.length && JsonScanner.isBlank(bytes[at])) {
            at++;
        }
        return at;
    }
}
