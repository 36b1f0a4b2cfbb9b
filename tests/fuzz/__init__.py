"""Everything that reads bytes of strangers, fed with bytes that no stranger sent yet."""
