/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * writer.h - what a format has to be able to write. Private to doc/.
 *
 * Texts may hold `code` between backticks; everything else in them is plain and is written out as the format wants it.
 */
#ifndef ASSAY_DOC_WRITER_H
#define ASSAY_DOC_WRITER_H

#include "doc/doc.h"

#define DOC_COLUMNS 5

struct doc_rule {
	const char *id, *strength; /* "must", "should" ... */
	const char *when, *must; /* expressions; NULL: always, nothing */
	const char *cite, *note; /* NULL: none */
	const char *versions; /* "since 3.0", or NULL */
	bool likely;
};

struct doc_page {
	const struct spec *spec;
	int version;
	FILE *out;
	struct arena *arena;
	unsigned columns; /* of the open table */
};

struct doc_writer {
	void (*begin)(struct doc_page *page, const char *title, const char *subtitle);
	void (*end)(struct doc_page *page);
	void (*chapter)(struct doc_page *page, const char *anchor, const char *title, const char *note);
	void (*entry)(struct doc_page *page, const char *anchor, const char *name, const char *note);
	void (*label)(struct doc_page *page, const char *text); /* a small heading inside an entry or chapter */
	void (*text)(struct doc_page *page, const char *text);
	void (*code)(struct doc_page *page, const char *text); /* a line of its own */
	void (*table)(struct doc_page *page, unsigned columns, const char *const *heads); /* heads NULL: none */
	void (*row)(struct doc_page *page, const char *const *cells);
	void (*table_end)(struct doc_page *page);
	void (*rule)(struct doc_page *page, const struct doc_rule *rule);
};

int doc_write(const struct spec *spec, int version, FILE *out, const struct doc_writer *writer);

/* Words for parts of a specification (words.c); from the arena. */
const char *doc_type(struct arena *arena, const struct type *type); /* "`u32`" or "`hart_state`" */
const char *doc_values(struct arena *arena, const struct type *type); /* what a type says of its values, or "" */
const char *doc_meaning(struct arena *arena, const struct entry *entry, const struct arg *arg);
const char *doc_versions(struct arena *arena, const struct spec *spec, int since, int until); /* NULL: all */
const char *doc_time(struct arena *arena, uint64_t ns);
const char *doc_set(struct arena *arena, const struct int_set *set);
const char *doc_signature(struct arena *arena, const struct entry *entry);
const char *doc_selector(struct arena *arena, const struct spec *spec, const struct entry *entry); /* "" when nothing is fixed */
const char *doc_call(struct arena *arena, const struct spec_call *call);
const char *doc_preserved(struct arena *arena, bool all_but, size_t count, const char *const *names);
const char *doc_number(struct arena *arena, uint64_t bits, bool is_signed);

bool doc_has_entry(const struct doc_page *page, const struct entry *entry);

/* XML text; also in attributes. */
void doc_xml(FILE *out, const char *text, size_t length);

#endif
