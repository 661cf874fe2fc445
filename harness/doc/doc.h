/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doc.h - a specification written for people: reference pages of one version of an interface.
 *
 * The same walk for every format (doc.c); a format is a struct doc_writer (writer.h). Writers only read, and the same
 * specification gives the same page, byte for byte. They return 0, or -1 when the stream failed.
 */
#ifndef ASSAY_DOC_DOC_H
#define ASSAY_DOC_DOC_H

#include <stdio.h>

#include "spec/spec.h"

struct doc_format {
	const char *name; /* of --format */
	int (*write)(const struct spec *spec, int version, FILE *out); /* version: index into spec->versions; -1: it has none */
};

extern const struct doc_format doc_formats[]; /* ends with name NULL */

#endif
