/**
 * The OCI image and distribution formats as values: digests, references, descriptors, manifests,
 * request paths and ranges. Nothing here does I/O. Parsers are total: any input gives a value or an
 * {@link spegel.oci.OciFormatException} that names what is wrong.
 */
@NullMarked
package spegel.oci;

import org.jspecify.annotations.NullMarked;
