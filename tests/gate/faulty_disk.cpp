// SPDX-License-Identifier: Apache-2.0
#include "tests/gate/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <span>

namespace passgate::gate {

/// One open file, as SQLite sees it; the real one lies right behind it.
struct FaultyFile {
  sqlite3_file base;
  FaultyDisk* disk;
  FaultyDisk::Content* content;
  bool is_log;
  bool syncs_directory;  ///< The first sync of a journal made anew, as the system's VFS does.

  static FaultyFile& of(sqlite3_file* file) { return *reinterpret_cast<FaultyFile*>(file); }
  static sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<FaultyFile*>(file) + 1);
  }

  static int close(sqlite3_file* file) { return real(file)->pMethods->xClose(real(file)); }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    if (of(file).disk->dark()) return SQLITE_IOERR_READ;
    const auto& cached = of(file).content->cached;
    const auto have =
        std::clamp<sqlite3_int64>(static_cast<sqlite3_int64>(cached.size()) - offset, 0, size);
    std::memset(out, 0, static_cast<std::size_t>(size));
    if (have > 0) std::memcpy(out, cached.data() + offset, static_cast<std::size_t>(have));
    return have == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    return of(file).disk->write(*of(file).content, data, size, offset);
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Content& content = *of(file).content;
    content.cached.resize(static_cast<std::size_t>(size));
    content.unsynced.push_back({size, {}});
    return of(file).disk->works() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
  }

  static int sync(sqlite3_file* file, int) {
    FaultyFile& self = of(file);
    if (!self.disk->works()) return SQLITE_IOERR_FSYNC;
    if (self.disk->sync_code_ != SQLITE_OK) return self.disk->sync_code_;
    for (const auto& change : self.content->unsynced) {
      sqlite3_file* below = real(file);
      const int code =
          change.data.empty()
              ? below->pMethods->xTruncate(below, change.offset)
              : below->pMethods->xWrite(below, change.data.data(),
                                        static_cast<int>(change.data.size()), change.offset);
      if (code != SQLITE_OK) return code;
    }
    self.content->unsynced.clear();
    if (self.is_log) ++self.disk->log_syncs_;
    if (self.syncs_directory) self.disk->directory_synced();
    self.syncs_directory = false;
    return SQLITE_OK;
  }

  static int size(sqlite3_file* file, sqlite3_int64* out) {
    *out = static_cast<sqlite3_int64>(of(file).content->cached.size());
    return of(file).disk->dark() ? SQLITE_IOERR_FSTAT : SQLITE_OK;
  }

  static int lock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
  }
  static int is_reserved(sqlite3_file* file, int* out) {
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    // Only what does not reach around the cache.
    if (operation != SQLITE_FCNTL_PERSIST_WAL && operation != SQLITE_FCNTL_POWERSAFE_OVERWRITE) {
      return SQLITE_NOTFOUND;
    }
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
  }
  static int sector_size(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
  }
  static int characteristics(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
  }
  static int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* file, int offset, int n, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, n, flags);
  }
  static void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
  static int shm_unmap(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
  }

  using Content = FaultyDisk::Content;
};

namespace {

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,  // shared memory, no memory mapping
    .xClose = FaultyFile::close,
    .xRead = FaultyFile::read,
    .xWrite = FaultyFile::write,
    .xTruncate = FaultyFile::truncate,
    .xSync = FaultyFile::sync,
    .xFileSize = FaultyFile::size,
    .xLock = FaultyFile::lock,
    .xUnlock = FaultyFile::unlock,
    .xCheckReservedLock = FaultyFile::is_reserved,
    .xFileControl = FaultyFile::control,
    .xSectorSize = FaultyFile::sector_size,
    .xDeviceCharacteristics = FaultyFile::characteristics,
    .xShmMap = FaultyFile::shm_map,
    .xShmLock = FaultyFile::shm_lock,
    .xShmBarrier = FaultyFile::shm_barrier,
    .xShmUnmap = FaultyFile::shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

constexpr std::size_t kSector = 512;

std::vector<std::uint8_t> bytes_of_file(const std::string& path) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(path, absent);
  if (absent) return {};
  std::vector<std::uint8_t> bytes(size);
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  return bytes;
}

void write_file(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

void overwrite(std::vector<std::uint8_t>& file, std::size_t offset,
               std::span<const std::uint8_t> data) {
  if (file.size() < offset + data.size()) file.resize(offset + data.size());
  std::ranges::copy(data, file.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

FaultyDisk::FaultyDisk() : real_(sqlite3_vfs_find(nullptr)) {
  name_ = "faulty-" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
  vfs_ = *real_;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(FaultyFile)) + real_->szOsFile;
  vfs_.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    return static_cast<FaultyDisk*>(vfs->pAppData)->open(path, file, flags, out);
  };
  vfs_.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync_directory) {
    return static_cast<FaultyDisk*>(vfs->pAppData)->remove(path, sync_directory != 0);
  };
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&vfs_);
}

bool FaultyDisk::works() {
  if (!dark()) ++operations_;
  return !dark();
}

int FaultyDisk::open(const char* path, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  if (path == nullptr || dark()) return SQLITE_CANTOPEN;
  const bool existed = std::filesystem::exists(path);
  if (!existed && !works()) return SQLITE_CANTOPEN;
  const int code = real_->xOpen(real_, path, FaultyFile::real(file), flags, out_flags);
  if (code != SQLITE_OK) return code;
  if (!existed) {
    new_names_.insert(path);
    contents_.erase(path);
  }
  const auto [content, fresh] = contents_.try_emplace(path);
  if (fresh) content->second.cached = bytes_of_file(path);
  const bool is_log = (flags & SQLITE_OPEN_WAL) != 0;
  const bool is_journal = is_log || (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
  new (file) FaultyFile{
      {&kMethods}, this, &content->second, is_log, is_journal && (flags & SQLITE_OPEN_CREATE) != 0};
  return SQLITE_OK;
}

int FaultyDisk::remove(const char* path, bool sync_directory) {
  if (!works()) return SQLITE_IOERR_DELETE;
  if (std::filesystem::exists(path)) {
    // Its last synced content comes back if the removal is lost; a name that
    // was never synced cannot.
    if (new_names_.erase(path) == 0) removed_[path] = bytes_of_file(path);
    contents_.erase(path);
  }
  const int code = real_->xDelete(real_, path, 0);
  if (sync_directory) directory_synced();
  return code;
}

int FaultyDisk::write(Content& content, const void* data, int size, std::int64_t offset) {
  if (dark()) return SQLITE_IOERR_WRITE;
  if (write_code_ != SQLITE_OK) return write_code_;
  const auto* first = static_cast<const std::uint8_t*>(data);
  auto fits = static_cast<std::size_t>(size);
  const auto start = static_cast<std::size_t>(offset);
  if (free_bytes_) {
    const std::size_t grows = std::max(start + fits, content.cached.size()) - content.cached.size();
    const std::size_t granted = std::min<std::size_t>(grows, *free_bytes_);
    fits -= grows - granted;  // like the kernel: what fits is written
    *free_bytes_ -= granted;
  }
  if (fits > 0) {
    overwrite(content.cached, start, {first, fits});
    content.unsynced.push_back({offset, {first, first + fits}});
  }
  if (fits < static_cast<std::size_t>(size)) return SQLITE_FULL;
  return works() ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

void FaultyDisk::directory_synced() {
  new_names_.clear();
  removed_.clear();
}

void FaultyDisk::apply(const std::string& path, const Content& content, Survival survival,
                       std::mt19937_64& random) {
  if (survival == Survival::none || content.unsynced.empty()) return;
  // From hardly anything to nearly everything: each finds other mistakes.
  std::bernoulli_distribution survives(std::uniform_real_distribution<>(0.02, 0.98)(random));
  auto bytes = bytes_of_file(path);
  for (const Change& change : content.unsynced) {
    const auto offset = static_cast<std::size_t>(change.offset);
    if (change.data.empty()) {
      if (survives(random) && bytes.size() > offset) bytes.resize(offset);
      continue;
    }
    for (std::size_t at = 0; at < change.data.size();) {
      const std::size_t to_boundary = kSector - (offset + at) % kSector;
      const std::size_t size = std::min(to_boundary, change.data.size() - at);
      if (survives(random)) overwrite(bytes, offset + at, {change.data.data() + at, size});
      at += size;
    }
  }
  write_file(path, bytes);
}

void FaultyDisk::restore_power(Survival survival, std::mt19937_64& random) {
  std::bernoulli_distribution half;
  for (const auto& [path, content] : contents_) {
    const bool lost = new_names_.contains(path) && (survival == Survival::none || half(random));
    if (lost) {
      std::filesystem::remove(path);
    } else {
      apply(path, content, survival, random);
    }
  }
  for (const auto& [path, bytes] : removed_) {
    const bool back = survival == Survival::none || half(random);
    if (back && !std::filesystem::exists(path)) write_file(path, bytes);
  }
  contents_.clear();
  directory_synced();
  dark_at_ = UINT64_MAX;
}

}  // namespace passgate::gate
