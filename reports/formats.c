/* SPDX-License-Identifier: BSD-2-Clause */
/* formats.c - the table of formats. A new one is a file and a row. */
#include <string.h>

#include "formats.h"

const struct report_format report_formats[] = {
	{ "text", NULL, text_run, text_compare },
	{ "json", "report.json", json_run, json_compare },
	{ "junit", "junit.xml", junit_run, NULL },
	{ "tap", "report.tap", tap_run, NULL },
	{ "markdown", "report.md", markdown_run, markdown_compare },
	{ "html", "report.html", html_run, html_compare },
	{ 0 },
};

const struct report_format *report_find(const char *name)
{
	for (const struct report_format *format = report_formats; format->name; format++)
		if (!strcmp(name, format->name))
			return format;
	return NULL;
}
