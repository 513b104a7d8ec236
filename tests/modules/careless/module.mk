install := kernel/test
