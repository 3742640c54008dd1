/*
 * Starts Spegel in its image, which has no shell: picks the JVM's options by the command, and the size of the heap by the
 * memory limit of the container, then becomes the JVM. The sizes are explained in docs/footprint.md.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SPEGEL_HOME
#define SPEGEL_HOME "/usr/lib/spegel"
#endif
#ifndef CGROUP_ROOT
#define CGROUP_ROOT "/sys/fs/cgroup"
#endif

enum {
  MIB = 1024 * 1024,
  /* What the registry does not run in, and what a short command does not. */
  MIN_REGISTRY_MIB = 96,
  MIN_COMMAND_MIB = 32,
  /* What the program is made for, and what it takes when it sees no limit: the rest of the machine is for others. */
  USUAL_MIB = 128,
  /* The heap of the registry: three eighths of the limit. At 128 MiB that is what registry.options says. */
  HEAP_EIGHTHS = 3,
  MAX_HEAP_MIB = 96,
  MAX_OWN_ARGUMENTS = 8,
};

/* cgroup v1 has no word for "no limit", but the largest number of whole pages. */
static const unsigned long long NO_LIMIT = 1ULL << 60;

/* The number in a file, or NO_LIMIT when it holds "max" or is not there. */
static unsigned long long read_limit(const char *path) {
  char text[32];
  FILE *file = fopen(path, "re");
  if (file == NULL) return NO_LIMIT;
  char *line = fgets(text, sizeof text, file);
  fclose(file);
  if (line == NULL || text[0] < '0' || text[0] > '9') return NO_LIMIT;
  errno = 0;
  unsigned long long limit = strtoull(text, NULL, 10);
  return errno != 0 || limit > NO_LIMIT ? NO_LIMIT : limit;
}

/* The container's memory limit in bytes: a container sees its own cgroup at the root, in both versions. */
static unsigned long long memory_limit(void) {
  unsigned long long v2 = read_limit(CGROUP_ROOT "/memory.max");
  unsigned long long v1 = read_limit(CGROUP_ROOT "/memory/memory.limit_in_bytes");
  return v2 < v1 ? v2 : v1;
}

/* Whether these arguments run the registry: the first word that is a command decides. */
static int is_registry(int count, char **arguments) {
  static const char *const others[] = {"configuration", "cleanup", "cleanup-wait", "version"};
  for (int i = 1; i < count; i++) {
    if (strcmp(arguments[i], "registry") == 0 || strcmp(arguments[i], "demo") == 0) return 1;
    for (size_t j = 0; j < sizeof others / sizeof *others; j++) {
      if (strcmp(arguments[i], others[j]) == 0) return 0;
    }
  }
  return 0;
}

int main(int count, char **arguments) {
  int registry = is_registry(count, arguments);
  unsigned long long limit_mib = memory_limit() / MIB;
  unsigned long long min_mib = registry ? MIN_REGISTRY_MIB : MIN_COMMAND_MIB;
  if (limit_mib < min_mib) {
    fprintf(stderr,
            "error: the container's memory limit is %llu MiB, and this command needs %llu MiB at least. Raise "
            "resources.limits.memory; %dMi is what it is made for.\n",
            limit_mib, min_mib, USUAL_MIB);
    return 1;
  }

  /* One arena: memory of malloc that one thread freed is there for the next. */
  setenv("MALLOC_ARENA_MAX", "1", 0);

  char heap[32];
  unsigned long long heap_mib = (limit_mib < NO_LIMIT / MIB ? limit_mib : USUAL_MIB) * HEAP_EIGHTHS / 8;
  snprintf(heap, sizeof heap, "-Xmx%llum", heap_mib < MAX_HEAP_MIB ? heap_mib : MAX_HEAP_MIB);

  char **java = calloc((size_t)count + MAX_OWN_ARGUMENTS, sizeof *java);
  if (java == NULL) {
    perror("error: spegel");
    return 1;
  }
  int n = 0;
  java[n++] = SPEGEL_HOME "/runtime/bin/java";
  java[n++] = "@" SPEGEL_HOME "/common.options";
  if (registry) {
    java[n++] = "@" SPEGEL_HOME "/registry.options";
    java[n++] = heap;
    java[n++] = "-XX:AOTCache=" SPEGEL_HOME "/spegel.aot";
  } else {
    java[n++] = "@" SPEGEL_HOME "/command.options";
  }
  java[n++] = "@" SPEGEL_HOME "/image.options";
  java[n++] = "-jar";
  java[n++] = SPEGEL_HOME "/spegel.jar";
  for (int i = 1; i < count; i++) java[n++] = arguments[i];

  execv(java[0], java);
  fprintf(stderr, "error: cannot start %s: %s\n", java[0], strerror(errno));
  free(java);
  return 1;
}
