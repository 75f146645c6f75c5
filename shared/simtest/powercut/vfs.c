//go:build linux && cgo

#include "vfs.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

// SQLite is linked in by its driver, a package of its own; weak references let
// this one be built alone.
extern sqlite3_vfs *sqlite3_vfs_find(const char *) __attribute__((weak));
extern int sqlite3_vfs_register(sqlite3_vfs *, int) __attribute__((weak));

enum {
  RESULT_OK = 0,
  RESULT_ERROR = 1,
  RESULT_NOMEM = 7,
  SHORT_READ = 10 | (2 << 8),
  FILE_METHODS = 2,  // version 2: with shared memory, without memory mapping
  VFS_VERSION = 2
};

// A shim is one open file: book names it in Go, 0 outside simulated disks. The
// file of the layer below follows in the same allocation.
typedef struct {
  sqlite3_file base;
  uint64_t book;
  sqlite3_file *real;
} shim;

static sqlite3_vfs *below;
static sqlite3_vfs layer;
static sqlite3_io_methods methods;

#define REAL(f) (((shim *)(f))->real)
#define CALL(f, method, ...) (REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__))

static int shimClose(sqlite3_file *f) {
  int rc = REAL(f)->pMethods ? CALL(f, xClose) : RESULT_OK;
  if (((shim *)f)->book) powercutClosed(((shim *)f)->book);
  return rc;
}

static int shimRead(sqlite3_file *f, void *to, int n, int64_t at) { return CALL(f, xRead, to, n, at); }

static int shimWrite(sqlite3_file *f, const void *data, int n, int64_t at) {
  uint64_t book = ((shim *)f)->book;
  if (book) {
    int64_t size = 0;
    int rc = CALL(f, xFileSize, &size);
    if (rc != RESULT_OK) return rc;
    void *old = malloc(n);
    if (!old) return RESULT_NOMEM;
    int64_t had = size <= at ? 0 : size - at < n ? size - at : n;
    if (had > 0) {
      rc = CALL(f, xRead, old, (int)had, at);
      if (rc != RESULT_OK && rc != SHORT_READ) {
        free(old);
        return rc;
      }
    }
    rc = powercutWrites(book, at, (void *)data, n, old, had, size);
    free(old);
    if (rc != RESULT_OK) return rc;
  }
  return CALL(f, xWrite, data, n, at);
}

static int shimTruncate(sqlite3_file *f, int64_t to) {
  uint64_t book = ((shim *)f)->book;
  if (book) {
    int64_t size = 0;
    int rc = CALL(f, xFileSize, &size);
    if (rc != RESULT_OK) return rc;
    int64_t had = size > to ? size - to : 0;
    void *old = malloc(had ? had : 1);
    if (!old) return RESULT_NOMEM;
    if (had > 0) rc = CALL(f, xRead, old, (int)had, to);
    if (rc == RESULT_OK) rc = powercutTruncates(book, to, old, had, size);
    free(old);
    if (rc != RESULT_OK) return rc;
  }
  return CALL(f, xTruncate, to);
}

static int shimSync(sqlite3_file *f, int flags) {
  uint64_t book = ((shim *)f)->book;
  return book ? powercutSyncs(book) : CALL(f, xSync, flags);
}

static int shimFileSize(sqlite3_file *f, int64_t *size) { return CALL(f, xFileSize, size); }
static int shimLock(sqlite3_file *f, int level) { return CALL(f, xLock, level); }
static int shimUnlock(sqlite3_file *f, int level) { return CALL(f, xUnlock, level); }
static int shimReserved(sqlite3_file *f, int *out) { return CALL(f, xCheckReservedLock, out); }
static int shimControl(sqlite3_file *f, int op, void *arg) { return CALL(f, xFileControl, op, arg); }
static int shimSector(sqlite3_file *f) { return CALL(f, xSectorSize); }
static int shimTraits(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics); }
static int shimShmMap(sqlite3_file *f, int page, int size, int extend, void volatile **out) {
  return CALL(f, xShmMap, page, size, extend, out);
}
static int shimShmLock(sqlite3_file *f, int at, int n, int flags) { return CALL(f, xShmLock, at, n, flags); }
static void shimShmBarrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int shimShmUnmap(sqlite3_file *f, int drop) { return CALL(f, xShmUnmap, drop); }

static int layerOpen(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out) {
  shim *s = (shim *)f;
  s->base.pMethods = &methods;
  s->real = (sqlite3_file *)(s + 1);
  s->real->pMethods = NULL;
  s->book = 0;
  int rc = below->xOpen(below, name, s->real, flags, out);
  if (rc != RESULT_OK) {
    if (!s->real->pMethods) s->base.pMethods = NULL;  // nothing to close
    return rc;
  }
  if (name) s->book = powercutOpened((char *)name);
  return RESULT_OK;
}

static int layerDelete(sqlite3_vfs *v, const char *name, int sync) {
  int rc = powercutDeletes((char *)name);
  return rc == RESULT_OK ? below->xDelete(below, name, sync) : rc;
}

static int layerAccess(sqlite3_vfs *v, const char *name, int flags, int *out) { return below->xAccess(below, name, flags, out); }
static int layerFullPathname(sqlite3_vfs *v, const char *name, int n, char *out) { return below->xFullPathname(below, name, n, out); }
static void *layerDlOpen(sqlite3_vfs *v, const char *name) { return below->xDlOpen(below, name); }
static void layerDlError(sqlite3_vfs *v, int n, char *out) { below->xDlError(below, n, out); }
static void (*layerDlSym(sqlite3_vfs *v, void *lib, const char *name))(void) { return below->xDlSym(below, lib, name); }
static void layerDlClose(sqlite3_vfs *v, void *lib) { below->xDlClose(below, lib); }
static int layerRandomness(sqlite3_vfs *v, int n, char *out) { return below->xRandomness(below, n, out); }
static int layerSleep(sqlite3_vfs *v, int us) { return below->xSleep(below, us); }
static int layerCurrentTime(sqlite3_vfs *v, double *out) { return below->xCurrentTime(below, out); }
/* What the system said last has nothing to do with a simulated failure, and differs between runs. */
static int layerGetLastError(sqlite3_vfs *v, int n, char *out) {
  (void)v, (void)n, (void)out;
  return 0;
}
static int layerCurrentTimeInt64(sqlite3_vfs *v, int64_t *out) { return below->xCurrentTimeInt64(below, out); }

int powercut_register(void) {
  if (!sqlite3_vfs_find || !sqlite3_vfs_register) return RESULT_ERROR;
  below = sqlite3_vfs_find(NULL);
  if (!below || below->iVersion < VFS_VERSION) return RESULT_ERROR;
  methods = (sqlite3_io_methods){
      FILE_METHODS, shimClose, shimRead, shimWrite, shimTruncate, shimSync, shimFileSize, shimLock, shimUnlock,
      shimReserved, shimControl, shimSector, shimTraits, shimShmMap, shimShmLock, shimShmBarrier, shimShmUnmap};
  layer = (sqlite3_vfs){
      VFS_VERSION, (int)sizeof(shim) + below->szOsFile, below->mxPathname, NULL, "powercut", NULL, layerOpen, layerDelete,
      layerAccess, layerFullPathname, layerDlOpen, layerDlError, layerDlSym, layerDlClose, layerRandomness, layerSleep,
      layerCurrentTime, layerGetLastError, layerCurrentTimeInt64};
  return sqlite3_vfs_register(&layer, 1);
}
