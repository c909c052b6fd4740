// With two files Jest has workers.
test('passes', () => {});
