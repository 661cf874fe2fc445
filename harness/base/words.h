/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h - an argument vector under construction. */
#ifndef ASSAY_BASE_WORDS_H
#define ASSAY_BASE_WORDS_H

#include <stddef.h>

struct words;

struct template_value {
	const char *name, *value;
};

struct words *words_new(void);
void words_free(struct words *words);
void words_add(struct words *words, const char *word);
/* `option` and its value */
void words_add_pair(struct words *words, const char *option, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A word in which {name} stands for a value; `values` ends with a NULL name. Unknown names stay as they are. */
void words_add_template(struct words *words, const char *template, const struct template_value *values);
/* A text that lives as long as the words. */
const char *words_printf(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *const *words_list(struct words *words); /* NULL-terminated */

#endif
