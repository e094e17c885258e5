package requestlog

// whenceData makes lseek(2) go to the next data of a file with holes.
const whenceData = 4
