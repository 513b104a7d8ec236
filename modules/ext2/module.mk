install := kernel/fs
