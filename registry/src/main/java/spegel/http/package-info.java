/**
 * A small HTTP/1.1 server for requests without bodies and answers of known length: bytes from
 * memory, files by sendfile. {@link spegel.http.HttpServer} owns the threads; a {@link
 * spegel.http.HttpHandler} is called on an event loop with one {@link spegel.http.HttpExchange}
 * after the other, and moves to a virtual thread when it has to wait.
 */
@NullMarked
package spegel.http;

import org.jspecify.annotations.NullMarked;
