/* SPDX-License-Identifier: BSD-2-Clause */
/* show.h - one recorded case, as a person wants to see it. */
#ifndef ASSAY_CLI_SHOW_H
#define ASSAY_CLI_SHOW_H

#include <stdio.h>

#include "judge/judge.h"

void show_case(FILE *out, const struct spec *spec, const struct recording_head *head, const struct recorded_case *recorded);
/* A judge's callback; context is the FILE. Passing rules are listed in one line each. */
void show_judgement(void *out, const struct judgement *judgement);

#endif
