/* SPDX-License-Identifier: BSD-2-Clause */
/* formats.h - the formats, a file each. Private to doc/. */
#ifndef ASSAY_DOC_FORMATS_H
#define ASSAY_DOC_FORMATS_H

#include "doc/doc.h"

int doc_html(const struct spec *spec, int version, FILE *out);
int doc_markdown(const struct spec *spec, int version, FILE *out);
int doc_man(const struct spec *spec, int version, FILE *out);

#endif
