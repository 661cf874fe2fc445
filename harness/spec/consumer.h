/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * consumer.h - what a kernel or driver needs of an interface, beyond what the document demands of who implements it.
 *
 * A profile (spec/consumers/NAME.yaml; spec/README.md, "Consumers") is a list of needs in the order in which the consumer comes to them.
 * A need is an expression over what was observed of an entry, with the line of the consumer's source that it comes from. Profiles judge
 * nobody: a blob may be conformant and of no use to a kernel, and the other way round.
 */
#ifndef ASSAY_SPEC_CONSUMER_H
#define ASSAY_SPEC_CONSUMER_H

#include "spec/spec.h"

#define NEED_ENTRIES 4
#define NEED_EACH    64 /* values of one `each` */

/* What becomes of a consumer whose need is not met; worse ones come later. */
enum consequence {
	CONSEQUENCE_LOSES, /* it runs, without something */
	CONSEQUENCE_REFUSES, /* it does not use the blob */
	CONSEQUENCE_CRASHES,
};

struct need {
	const char *id, *cite; /* cite: file and function of the consumer's source */
	const char *line; /* the line of it that says so */
	const char *because; /* what happens when it is not met, in a sentence */
	struct where where;
	const char *unobservable; /* why no recording tells; NULL: one may */
	size_t entry_count; /* more than one: one of them will do; none only of what is unobservable */
	const struct entry *entries[NEED_ENTRIES];
	const struct expr *when, *must; /* over a call of the entry; must NULL: the entry is there */
	/* an argument and values of it: only such calls, and the need is met when there was one with each of them */
	unsigned each_arg;
	const struct int_set *each; /* NULL: any call that `when` chooses will do */
	enum consequence otherwise;
};

struct consumer {
	const char *name, *title, *source, *url; /* source: what is cited */
	size_t need_count, use_count;
	const struct need *needs;
	const struct entry **uses; /* entries that it calls */
};

struct consumers {
	size_t count;
	const struct consumer **list; /* by name */
};

/*
 * The profiles of DIRECTORY that are about the spec's interface. They live as long as the spec. What is wrong with one is reported, and it
 * is left out. No directory: there are none.
 */
struct consumers *consumers_load(struct spec *spec, const char *directory, struct findings *findings);
/* The directory of profiles beside a specification; in the spec's arena. */
const char *consumers_directory(const struct spec *spec);

/* Which of the values of `each` it is, from 0; -1: none. */
int need_each(const struct need *need, uint64_t value);
unsigned need_each_count(const struct need *need);

/* For lint. The interface that a profile is about, in the arena; NULL: the file is no profile. */
const char *consumer_interface(struct arena *arena, const char *path);
/* Reads one profile against its interface. NULL: it has errors. */
const struct consumer *consumer_load(struct spec *spec, const char *path, struct findings *findings);

#endif
