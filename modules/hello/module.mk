install := kernel/samples
