/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * structure.h - bytes as the expressions over a structure see them: fields, sum8(), and nothing else of the world.
 */
#ifndef ASSAY_SPEC_STRUCTURE_H
#define ASSAY_SPEC_STRUCTURE_H

#include "spec/spec.h"

/* Bytes from where a structure begins, as many as there are. */
struct structure_view {
	const struct structure *structure;
	const uint8_t *bytes;
	size_t size;
};

/* Up to the end of its last field. */
uint64_t structure_fields_size(const struct structure *structure);
/* All that belongs to it: as its `size` says, and at least the fields. */
uint64_t structure_size(const struct structure_view *view);
/* Is it one? By its signature and its `where`. */
bool structure_fits(const struct structure_view *view);
/* What lies beyond the bytes is unknown. The keys are as an environment's `read` gets them. */
struct value structure_field(const struct structure_view *view, const struct name *name, const struct value keys[2]);
struct value structure_load(const struct structure_view *view, uint64_t offset, unsigned size);
struct value structure_eval(const struct expr *expr, const struct structure_view *view);

#endif
