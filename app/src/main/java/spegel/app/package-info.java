/**
 * The program: parses the command line, wires a command's parts together and runs it. Only this
 * module sees both the routing and the registry; whatever can be tested without a process lies in
 * the packages below.
 */
@NullMarked
package spegel.app;

import org.jspecify.annotations.NullMarked;
