#include "kernel/lib/errno.h"

namespace tenon {

const char* errno_name(Errno error)
{
    switch (error) {
    case Errno::perm: return "EPERM";
    case Errno::noent: return "ENOENT";
    case Errno::srch: return "ESRCH";
    case Errno::intr: return "EINTR";
    case Errno::io: return "EIO";
    case Errno::nxio: return "ENXIO";
    case Errno::too_big: return "E2BIG";
    case Errno::noexec: return "ENOEXEC";
    case Errno::badf: return "EBADF";
    case Errno::child: return "ECHILD";
    case Errno::again: return "EAGAIN";
    case Errno::nomem: return "ENOMEM";
    case Errno::acces: return "EACCES";
    case Errno::fault: return "EFAULT";
    case Errno::notblk: return "ENOTBLK";
    case Errno::busy: return "EBUSY";
    case Errno::exist: return "EEXIST";
    case Errno::xdev: return "EXDEV";
    case Errno::nodev: return "ENODEV";
    case Errno::notdir: return "ENOTDIR";
    case Errno::isdir: return "EISDIR";
    case Errno::inval: return "EINVAL";
    case Errno::nfile: return "ENFILE";
    case Errno::mfile: return "EMFILE";
    case Errno::notty: return "ENOTTY";
    case Errno::txtbsy: return "ETXTBSY";
    case Errno::fbig: return "EFBIG";
    case Errno::nospc: return "ENOSPC";
    case Errno::spipe: return "ESPIPE";
    case Errno::rofs: return "EROFS";
    case Errno::mlink: return "EMLINK";
    case Errno::pipe: return "EPIPE";
    case Errno::dom: return "EDOM";
    case Errno::range: return "ERANGE";
    case Errno::deadlk: return "EDEADLK";
    case Errno::nametoolong: return "ENAMETOOLONG";
    case Errno::nolck: return "ENOLCK";
    case Errno::nosys: return "ENOSYS";
    case Errno::notempty: return "ENOTEMPTY";
    case Errno::loop: return "ELOOP";
    case Errno::nodata: return "ENODATA";
    case Errno::time: return "ETIME";
    case Errno::nolink: return "ENOLINK";
    case Errno::proto: return "EPROTO";
    case Errno::badmsg: return "EBADMSG";
    case Errno::overflow: return "EOVERFLOW";
    case Errno::libbad: return "ELIBBAD";
    case Errno::opnotsupp: return "EOPNOTSUPP";
    case Errno::timedout: return "ETIMEDOUT";
    case Errno::already: return "EALREADY";
    case Errno::stale: return "ESTALE";
    case Errno::uclean: return "EUCLEAN";
    case Errno::nokey: return "ENOKEY";
    case Errno::keyrejected: return "EKEYREJECTED";
    case Errno::restart: return "ERESTARTSYS";
    case Errno::restart_nohand: return "ERESTARTNOHAND";
    case Errno::restart_block: return "ERESTART_RESTARTBLOCK";
    }
    return "E?";
}

}  // namespace tenon
