package item

// Version is raised whenever the same log would give other rows: the file is
// then rebuilt beside the old one.
const Version = 2

// VersionOfMembers is the first version that notes which members of data were
// ever given.
const VersionOfMembers = 2

// VersionOfIndexes is the first version that lists the items of an entity by
// seq, what ever had a deadline, the delegates of a party and ended conflicts.
const VersionOfIndexes = 2
