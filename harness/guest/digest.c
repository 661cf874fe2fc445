/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#define FIRMWARE_MAX (UINT64_C(1) << 30) /* bytes */

static const char *kind_name(mode_t mode)
{
	return S_ISDIR(mode) ? "a directory" : S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "not a regular file";
}

/* Digests size bytes of fd; fewer or more than that are an error, for then the file changes under us. */
static int digest_bytes(int fd, uint64_t size, EVP_MD_CTX *context)
{
	unsigned char chunk[65536];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((uint64_t)got > size || !EVP_DigestUpdate(context, chunk, (size_t)got))
			return -1;
		size -= (uint64_t)got;
	}
	return got < 0 || size ? -1 : 0;
}

static int digest_open_file(int fd, uint64_t size, char sha256[65])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	int failed = !context || !EVP_DigestInit_ex(context, EVP_sha256(), NULL) || digest_bytes(fd, size, context) ||
		     !EVP_DigestFinal_ex(context, sum, &length);

	EVP_MD_CTX_free(context);
	for (unsigned i = 0; !failed && i < 32; i++)
		snprintf(sha256 + 2 * i, 3, "%02x", sum[i]);
	return failed ? -1 : 0;
}

static int digest_regular(const char *path, uint64_t most, char sha256[65], uint64_t *size, struct err *err)
{
	struct stat status;
	int failed, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_set(err, EXIT_USAGE, "%s: %s", path, strerror(errno));
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return err_set(err, EXIT_USAGE, "%s: is %s; a file is expected", path, kind_name(status.st_mode));
	}
	*size = (uint64_t)status.st_size;
	failed = *size > most || digest_open_file(fd, *size, sha256);
	close(fd);
	return failed ? err_set(err, EXIT_USAGE, "%s: cannot be read to its end", path) : 0;
}

int digest_file(const char *path, char sha256[65], uint64_t *size, struct err *err)
{
	return digest_regular(path, FIRMWARE_MAX, sha256, size, err);
}

int digest_large_file(const char *path, char sha256[65], struct err *err)
{
	uint64_t size;

	return digest_regular(path, UINT64_MAX, sha256, &size, err);
}
