#pragma once
// What glibc offers and Swift's Glibc module leaves out. Without _GNU_SOURCE: with it types such as fd_set get other members
// than in the modules that this one meets, and a clean build fails.
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timex.h>
#include <sys/xattr.h>

// Hidden without _GNU_SOURCE.
int pthread_setname_np(pthread_t thread, const char *name);
int pidfd_open(int process, unsigned int flags);
int pipe2(int ends[2], int flags);
int memfd_create(const char *name, unsigned int flags);
int posix_openpt(int flags);
int grantpt(int descriptor);
int unlockpt(int descriptor);
char *ptsname(int descriptor);
