package photo

const diskFullErrno = errorDiskFull
