/**
 * The page {@code /debug/web/}: what this node shares, its peers, what goes between them, and how
 * well an image can be had. The page itself is three small files; all that it shows comes as JSON
 * from the routes beside it. Names, versions and messages may be chosen by strangers: they leave
 * here as JSON, and the page sets them as text.
 */
@NullMarked
package spegel.app.web;

import org.jspecify.annotations.NullMarked;
