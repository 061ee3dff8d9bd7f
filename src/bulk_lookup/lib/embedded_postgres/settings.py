"""The server's settings: many small commits, big imports, a machine that also does other things."""

import os
import sys
from pathlib import Path

from bulk_lookup.lib.embedded_postgres.data_directory import PORT

MEGABYTE = 1024 * 1024
# A container of Docker's has 64 MB there unless told otherwise; a parallel query of a big table needs more.
SHARED_MEMORY_MINIMUM = 256 * MEGABYTE

# Everybody proves himself by password, also the superuser; there is no way in but the socket.
HOST_BASED_AUTHENTICATION = "local all all scram-sha-256\n"

_TEMPLATE = """\
# Written at each start. To change a setting use ALTER SYSTEM, which wins over this file.
listen_addresses = ''
unix_socket_directories = {socket_folder}
unix_socket_permissions = 0700
port = {port}
hba_file = {hba_file}
cluster_name = {cluster_name}
max_connections = 100

# Receipts of money: a commit is on the disk before it is believed.
fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = {shared_buffers}MB
effective_cache_size = {effective_cache_size}MB
maintenance_work_mem = {maintenance_work_mem}MB
work_mem = 16MB
dynamic_shared_memory_type = {dynamic_shared_memory_type}

# An import writes gigabytes: fewer checkpoints, smaller pages in the log.
max_wal_size = 2GB
checkpoint_timeout = 15min
wal_compression = on

# Solid state disks; short queries that never repay a compilation.
random_page_cost = 1.1
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# No statement, parameter or key value in the log: they hold people's phone numbers.
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_autovacuum_min_duration = -1
log_line_prefix = '%m [%p] '
# Recovery after a crash tells how far it is; a start waits as long as it does.
log_startup_progress_interval = 2s
"""


def render(*, socket_folder: Path, hba_file: Path, cluster_name: str) -> str:
    """The configuration file for a server on this machine."""
    memory = _memory_bytes() // MEGABYTE
    folder_in_list = str(socket_folder).replace('"', '""')
    return _TEMPLATE.format(
        socket_folder=_quoted(f'"{folder_in_list}"'),
        port=PORT,
        hba_file=_quoted(str(hba_file)),
        cluster_name=_quoted(cluster_name),
        shared_buffers=min(max(memory // 8, 64), 1024),
        effective_cache_size=max(memory // 2, 128),
        maintenance_work_mem=min(max(memory // 16, 64), 512),
        dynamic_shared_memory_type="posix" if _has_shared_memory() else "sysv",
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n") + "'"


def _memory_bytes() -> int:
    """The memory of the machine, or of the container if that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def _has_shared_memory() -> bool:
    if sys.platform != "linux":
        return True
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return False
    return found.f_frsize * found.f_blocks >= SHARED_MEMORY_MINIMUM
