/* SPDX-License-Identifier: BSD-2-Clause */
/* header_parts.h - what the files of the header generator share. Private to doc/. */
#ifndef ASSAY_DOC_HEADER_PARTS_H
#define ASSAY_DOC_HEADER_PARTS_H

#include "doc/header.h"

struct macro;

struct header {
	const struct spec *spec;
	int version;
	FILE *out;
	struct arena *arena;
	struct macro *macros; /* by name: what was defined */
	const struct type **types; /* those that were written */
	size_t type_count, type_room;
};

bool header_has(const struct header *header, const struct entry *entry);

/* ---- names and numbers (header_names.c) ---- */

/* "SBI_HSM_STARTED" for "STARTED"; a name that begins with the interface's is left as it is. chapter NULL: none. */
const char *macro_name(struct header *header, const struct chapter *chapter, const char *name);
/* "sbi_hsm_hart_start": chapter and entry as upstream writes them. */
const char *c_name(struct header *header, const struct chapter *chapter, const char *name);
/* A word of C or C++ gets a `_` behind it. */
const char *c_word(struct arena *arena, const char *name);
const char *c_type(struct int_type type); /* "uint32_t": the next wider one */
/*
 * One #define, unless it is there already; a name with two values gets that of its type, too. Returns whether it wrote.
 */
bool define(struct header *header, const struct chapter *chapter, const char *type, const char *name, uint64_t value,
	    bool is_signed);
void define_none(struct header *header); /* forgets what was defined */

/* ---- types (header_types.c) ---- */

/* Everything that the types of an entry have to say. */
void header_entry_types(struct header *header, const struct entry *entry);
void header_structure(struct header *header, const struct entry *entry);
/* "struct sbi_pmu_event" of a structure that was written; NULL: a plain number, or one without a name. */
const char *struct_name(struct header *header, const struct chapter *chapter, const struct type *type);

/* ---- calls (header_stub.c) ---- */

void header_results(struct header *header); /* the structure that most calls return */
void header_call(struct header *header, const struct gate_stub *stub, const struct entry *entry);

#endif
