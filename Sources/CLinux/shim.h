#pragma once
// What glibc offers and Swift's Glibc module leaves out.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/xattr.h>

// pthread_setname_np is hidden behind _GNU_SOURCE, which Glibc's module, built first, did not set.
int pthread_setname_np(pthread_t thread, const char *name);
// So are these; a program that starts others needs them to keep its descriptors to itself.
int pipe2(int ends[2], int flags);
int memfd_create(const char *name, unsigned int flags);
