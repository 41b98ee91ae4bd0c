#pragma once
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>

// MHD_start_daemon takes its options as variable arguments, which Swift can't call.
static inline struct MHD_Daemon *cmhd_start(const struct sockaddr *address, unsigned int connections,
                                            unsigned int timeout, size_t memory, MHD_AcceptPolicyCallback accept,
                                            MHD_AccessHandlerCallback handle,
                                            MHD_RequestCompletedCallback completed, void *context) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    if (address->sa_family == AF_INET6) flags |= MHD_USE_DUAL_STACK;
    return MHD_start_daemon(flags, 0, accept, context, handle, context, MHD_OPTION_SOCK_ADDR, address,
                            MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_CONNECTION_TIMEOUT, timeout,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory, MHD_OPTION_THREAD_STACK_SIZE,
                            (size_t)1 << 19, MHD_OPTION_NOTIFY_COMPLETED, completed, context, MHD_OPTION_END);
}

// MHD_get_daemon_info is variadic too. 0: not known.
static inline unsigned int cmhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : 0;
}

// And MHD_get_connection_info. Whoever reads from or writes to the connection then finds its end.
static inline void cmhd_shutdown(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info) shutdown(info->connect_fd, SHUT_RDWR);
}
