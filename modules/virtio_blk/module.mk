install := kernel/drivers/block
