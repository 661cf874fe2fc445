/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/formats.h"

const struct doc_format doc_formats[] = {
	{ "html", doc_html },
	{ "markdown", doc_markdown },
	{ "man", doc_man },
	{ 0 },
};
