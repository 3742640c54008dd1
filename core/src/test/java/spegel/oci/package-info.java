/** Tests of the OCI formats: examples of each rule, and parsers held against generated input. */
@NullMarked
package spegel.oci;

import org.jspecify.annotations.NullMarked;
