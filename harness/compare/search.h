/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * search.h - finds witnesses among the calls that a plan would make on either side, each with many answers.
 *
 * A search proves nothing by finding nothing. It is the same every time: no clock, no luck.
 */
#ifndef ASSAY_COMPARE_SEARCH_H
#define ASSAY_COMPARE_SEARCH_H

#include "compare/compare.h"

struct search;

struct search *search_new(void);
void search_free(struct search *search);
struct witness_finder search_finder(struct search *search); /* for compare_specs(); as long as the search lives */

#endif
