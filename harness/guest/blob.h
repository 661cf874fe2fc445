/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blob.h - a candidate and the machine it runs on: the content of blobs/<name>.yaml and blobs/machines/<machine>.yaml.
 *
 * A manifest may override the machine's `cpu`, `harts`, `ram_mib`, `machine_options` (",aia=aplic"), `accelerator`, and set properties in the
 * device tree that the machine makes (`device_tree_set`): the axes on which one blob is certified.
 */
#ifndef ASSAY_GUEST_BLOB_H
#define ASSAY_GUEST_BLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define MACHINE_UNSAVED 8

struct address_range {
	uint64_t low, high; /* both ends included */
};

/* A property of the machine's device tree: `device_tree_set: { /pmu: { compatible: "riscv,pmu" } }`. */
struct tree_setting {
	const char *node, *property; /* the node is made when it is not there */
	const void *value; /* as the tree stores it */
	size_t size;
};

struct machine {
	const char *name, *arch, *qemu;
	const char *const *args; /* templates; NULL-terminated */
	const char *cpu, *options; /* options: "" or ",key=value..." */
	/*
	 * QEMU's `-accel` where it is an axis: "tcg,thread=multi", "kvm". The CPUs run at once then, by the host's clock, and nothing is
	 * exactly the same twice. NULL: TCG with -icount, the reference.
	 */
	const char *accelerator;
	unsigned harts;
	uint32_t hart_ids[8];
	uint64_t ram_base, ram_size; /* bytes */
	uint64_t clock_address, clock_hz; /* the guest's clock as memory, for the watchdog; address 0: none */
	uint64_t boot_ms; /* how long its own firmware may take until the probe runs; 0: it has none that takes long */
	uint64_t clock_step; /* by how many ticks what is in memory counts one; at least 1 */
	uint64_t blob_at; /* where the blob is loaded ... */
	struct address_range blob_in; /* ... or where its firmware puts it somewhere, when `blob_step` is not 0 ... */
	uint64_t blob_step; /* ... at a multiple of this */
	size_t map_count;
	const struct address_range *map; /* what is somewhere, besides RAM */
	size_t unsaved_count;
	const uint64_t *unsaved; /* addresses of 8-byte device registers that QEMU's snapshots do not hold */
	const char *package; /* Debian's package of the QEMU binary, for the hint when it is missing; or NULL */
	const char *crash_words; /* what QEMU logs of resets (`-d cpu_reset`) when one was a processor's death; NULL: nothing */
	bool off_by_exit; /* the board's power switch ends QEMU without an event */
	size_t tree_count;
	const struct tree_setting *tree;
};

struct blob {
	const char *name, *title, *version, *spec; /* spec: directory, or NULL */
	const char *path; /* of the file to run; absolute */
	const char *symbols; /* ELF beside it, or NULL */
	const char *manifest; /* NULL when made from a bare file */
	char sha256[65];
	uint64_t size;
	const struct machine *machine;
	const char *licence, *upstream, *package; /* where it comes from; package: "opensbi 1.1-2"; each may be NULL */
	const char *deviations; /* file with known deviations, or NULL */
};

/*
 * What `--blob` names: a manifest's name (found in `library`, the blobs directory), a manifest file, or a bare file
 * (then the manifest FILE.yaml beside it is read). The blob must exist, be a regular file, readable and not empty, and match
 * its sha256 when the manifest has one. The cache directory (see `./dev blobs`) is $ASSAY_CACHE or ~/.cache/assay.
 */
const struct blob *blob_find(struct arena *arena, const char *library, const char *name, struct err *err);
const struct machine *machine_load(struct arena *arena, const char *library, const char *name, struct err *err);

#endif
