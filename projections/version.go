package projections

// version is raised whenever the same log would give other rows: the file is
// then rebuilt beside the old one.
const version = 2

// versionOfMembers is the first version that notes which members of data were
// ever given.
const versionOfMembers = 2

// versionOfIndexes is the first version that lists the items of an entity by
// seq, what ever had a deadline, the delegates of a party and ended conflicts.
const versionOfIndexes = 2
