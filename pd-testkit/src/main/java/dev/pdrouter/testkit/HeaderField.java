package dev.pdrouter.testkit;

/**
 * One header field.
 *
 * @param name in the case it was sent in, or is to be sent in
 * @param value without the blanks around it
 */
public record HeaderField(String name, String value) {}
