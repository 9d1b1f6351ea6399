/* One lock for the whole process: HDF5 is not thread-safe, so datasets call it only between these two. Recursive calls
 * are a defect. What writes results calls HDF5 when no dataset is read, and needs no lock. */
#ifndef TSR_IO_HDF5_LOCK_H
#define TSR_IO_HDF5_LOCK_H

void tsr_hdf5_lock(void);
void tsr_hdf5_unlock(void);

#endif
