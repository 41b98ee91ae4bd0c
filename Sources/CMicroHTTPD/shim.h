#pragma once
#include <microhttpd.h>
#include <string.h>

// MHD_start_daemon takes its options as variable arguments, which Swift can't call.
static inline struct MHD_Daemon *cmhd_start(const struct sockaddr *address, unsigned int connections,
                                            unsigned int timeout, size_t memory, MHD_AccessHandlerCallback handle,
                                            void *context) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC;
    if (address->sa_family == AF_INET6) flags |= MHD_USE_DUAL_STACK;
    return MHD_start_daemon(flags, 0, NULL, NULL, handle, context, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, timeout,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_THREAD_STACK_SIZE,
                            (size_t)1 << 19, MHD_OPTION_END);
}

// MHD_get_daemon_info is variadic too. 0: not known.
static inline unsigned int cmhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}
