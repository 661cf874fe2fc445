/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - libFuzzer's entry. https://llvm.org/docs/LibFuzzer.html */
#ifndef ASSAY_FUZZ_H
#define ASSAY_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
