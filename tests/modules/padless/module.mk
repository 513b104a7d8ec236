install := kernel/test
flags := -mbranch-protection=none
