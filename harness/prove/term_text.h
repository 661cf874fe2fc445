/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * term_text.h - a part of an expression as text, in the words it was written in. Private to prove/.
 */
#ifndef ASSAY_PROVE_TERM_TEXT_H
#define ASSAY_PROVE_TERM_TEXT_H

#include <stdio.h>

#include "spec/expr_term.h"

/* whole: the text of the expression that holds the term; constants are named as there. */
void term_print(FILE *out, const struct term *term, const char *whole);

#endif
