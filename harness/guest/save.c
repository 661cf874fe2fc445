/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/save.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "guest/internal.h"

#define BLOB	"blob.bin"
#define PROBE	"probe.elf"
#define STEPS	"steps.bin"
#define BUFFERS "buffers.bin"
#define TREE	"device-tree.dtb"

static int write_file(const char *directory, const char *name, const void *bytes, size_t size, struct err *err)
{
	FILE *file = NULL;
	char *path;
	bool failed;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		return err_set(err, EXIT_BROKEN, "no memory for a path");
	file = fopen(path, "wx");
	failed = !file || fwrite(bytes, 1, size, file) != size;
	failed |= file && fclose(file);
	if (failed)
		err_set(err, EXIT_BROKEN, "%s: cannot be written: %s", path, strerror(errno));
	free(path);
	return failed ? -1 : 0;
}

static void *read_all(int fd, size_t *size)
{
	struct stat state;
	char *bytes;
	ssize_t got;

	if (fd < 0 || fstat(fd, &state))
		return NULL;
	bytes = xmalloc((size_t)state.st_size + 1);
	for (*size = 0; *size < (size_t)state.st_size; *size += (size_t)got) {
		got = pread(fd, bytes + *size, (size_t)state.st_size - *size, (off_t)*size);
		if (got <= 0) {
			free(bytes);
			return NULL;
		}
	}
	return bytes;
}

static void *read_path(const char *path, size_t *size, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes = read_all(fd, size);

	if (!bytes)
		err_set(err, EXIT_BROKEN, "%s: cannot be read: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return bytes;
}

int save_copy(const char *from, const char *directory, const char *name, struct err *err)
{
	size_t size;
	void *bytes = read_path(from, &size, err);
	int failed = bytes ? write_file(directory, name, bytes, size, err) : -1;

	free(bytes);
	return failed;
}

/* Where `size` bytes at an address are in the ELF file's bytes; NULL: it has none for them. */
static void *find_bytes(char *bytes, size_t file_size, uint64_t address, size_t size)
{
	void *found = NULL;
	size_t count = 0;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(bytes, file_size);
	if (!elf || elf_getphdrnum(elf, &count))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr header;

		if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD && address >= header.p_paddr &&
		    address - header.p_paddr <= header.p_filesz && size <= header.p_filesz - (address - header.p_paddr))
			found = bytes + header.p_offset + (address - header.p_paddr);
	}
	elf_end(elf);
	return found;
}

/* The probe, with a batch that has been there from the start. */
static int save_probe(struct guest *guest, size_t steps, const char *directory, struct err *err)
{
	struct wire_batch head = { 0 };
	size_t size;
	char *bytes = read_path(guest->config.probe, &size, err);
	void *place = bytes ? find_bytes(bytes, size, guest->image.batch, guest->image.batch_size) : NULL;
	int failed = -1;

	if (place) {
		guest_fill_head(guest, steps, &head);
		memcpy(place, &head, guest->image.batch_size);
		failed = write_file(directory, PROBE, bytes, size, err);
	} else if (bytes) {
		err_set(err, EXIT_BROKEN, "%s: has no room for a batch in the file", guest->config.probe);
	}
	free(bytes);
	return failed;
}

static int save_steps(struct guest *guest, const char *directory, struct err *err)
{
	size_t size = guest->steps * sizeof(struct wire_step);
	const struct ram *ram = &guest->ram;
	struct wire_step *steps = xmalloc(size + 1);
	int failed;

	memcpy(steps, ram_at(ram, ram->step_at, size), size);
	for (size_t i = 0; i < guest->steps; i++)
		steps[i].flags &= (uint8_t)~WIRE_SYNC;
	failed = write_file(directory, STEPS, steps, size, err);
	free(steps);
	return failed;
}

static int save_tree(struct guest *guest, const char *directory, struct err *err)
{
	size_t size;
	void *bytes;
	int failed;

	if (guest->tree < 0)
		return 0;
	bytes = read_all(guest->tree, &size);
	failed = bytes ? write_file(directory, TREE, bytes, size, err) : err_set(err, EXIT_BROKEN, "the device tree is gone");
	free(bytes);
	return failed;
}

static void add_words(const struct guest *guest, struct words *words)
{
	const struct ram *ram = &guest->ram;
	const struct launch launch = {
		.machine = guest->config.blob->machine,
		.blob = BLOB,
		.probe = PROBE,
		.ram = -1,
		.tree = guest->tree,
		.icount = guest->config.icount,
	};

	qemu_words_alone(words, &launch, TREE);
	words_add_pair(words, "-device", "loader,file=%s,force-raw=on,addr=0x%" PRIx64, STEPS, ram->step_at);
	if (ram->alloc_next > ram->alloc_at)
		words_add_pair(words, "-device", "loader,file=%s,force-raw=on,addr=0x%" PRIx64, BUFFERS, ram->alloc_at);
}

const char *guest_machine_words(const struct guest_config *config, struct arena *arena)
{
	const struct launch launch = {
		.machine = config->blob->machine, .blob = BLOB, .probe = PROBE, .ram = -1, .icount = config->icount
	};
	const char *text = config->blob->machine->qemu;
	struct words *words = words_new();

	qemu_words_of_machine(words, &launch);
	for (char *const *word = words_list(words); *word; word++)
		text = arena_printf(arena, "%s %s", text, *word);
	words_free(words);
	return text;
}

int guest_save(struct guest *guest, size_t steps, const char *directory, struct words *words, struct guest_layout *layout,
	       struct err *err)
{
	const struct ram *ram = &guest->ram;
	size_t buffers = ram->alloc_next - ram->alloc_at;

	if (save_copy(guest->config.blob->path, directory, BLOB, err) || save_probe(guest, steps, directory, err) ||
	    save_steps(guest, directory, err) || save_tree(guest, directory, err))
		return -1;
	if (buffers && write_file(directory, BUFFERS, ram_at(ram, ram->alloc_at, buffers), buffers, err))
		return -1;
	add_words(guest, words);
	*layout = (struct guest_layout){ guest->image.batch, ram->seen_at, ram->seen_size };
	return 0;
}
