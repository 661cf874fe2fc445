/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_fold.h - a list of executed addresses in which loops are folded as they come, and which does not grow for ever. */
#ifndef ASSAY_GUEST_TRACE_FOLD_H
#define ASSAY_GUEST_TRACE_FOLD_H

#include <stddef.h>
#include <stdint.h>

struct fold;

struct fold *fold_new(void);
void fold_free(struct fold *fold);

void fold_add(struct fold *fold, uint64_t address);
/* The last one was not executed after all, if it was this one. */
void fold_take_back(struct fold *fold, uint64_t address);
uint64_t fold_count(const struct fold *fold); /* addresses added */

/* Things kept, and the number of the last one; SIZE_MAX: none. A note is kept with a thing until it is folded away. */
size_t fold_size(const struct fold *fold);
size_t fold_last(const struct fold *fold);
void fold_note(struct fold *fold, size_t thing, const char *note);

struct fold_printer {
	void *context;
	void (*address)(void *context, uint64_t number, uint64_t address, const char *note); /* number: from 1 */
	void (*repeat)(void *context, size_t length, uint64_t times); /* the last `length` things, so many times more */
	void (*gap)(void *context, uint64_t left_out); /* addresses */
};
void fold_print(const struct fold *fold, const struct fold_printer *printer);

#endif
