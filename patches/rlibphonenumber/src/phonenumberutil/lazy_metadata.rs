// Added to the published crate: see README.md of this crate.
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
// http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! Metadata that is decoded when it is used first.

use super::regex_wrapper_types::PhoneMetadataWrapper;
use crate::generated::proto::PhoneMetadata;
#[cfg(feature = "builtin_metadata")]
use prost::{DecodeError, Message, bytes::Bytes};
use rustc_hash::FxHashMap;
use std::{hash::Hash, sync::OnceLock};

/// The fields of [`PhoneMetadata`] that the maps of regions and calling codes are built from.
#[derive(Clone, PartialEq, ::prost::Message)]
pub(crate) struct MetadataHeader {
    #[prost(string, required, tag = "9")]
    pub id: String,
    #[prost(int32, optional, tag = "10")]
    pub country_code: Option<i32>,
    #[prost(bool, optional, tag = "22")]
    pub main_country_for_code: Option<bool>,
}

/// A `PhoneMetadataCollection` whose members are not decoded.
#[cfg(feature = "builtin_metadata")]
#[derive(Clone, PartialEq, ::prost::Message)]
struct EncodedCollection {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    metadata: Vec<Bytes>,
}

/// Metadata of a region, or of a calling code of no region.
pub(crate) struct LazyMetadata {
    decoded: OnceLock<Box<PhoneMetadataWrapper>>,
    #[cfg(feature = "builtin_metadata")]
    encoded: Bytes,
}

impl LazyMetadata {
    /// Returns the header and the metadata of each member of an encoded `PhoneMetadataCollection`.
    #[cfg(feature = "builtin_metadata")]
    pub(crate) fn read_collection(
        encoded: &'static [u8],
    ) -> Result<Vec<(MetadataHeader, Self)>, DecodeError> {
        let collection = EncodedCollection::decode(Bytes::from_static(encoded))?;
        let members = collection.metadata.into_iter().map(|encoded| {
            let header = MetadataHeader::decode(encoded.clone())?;
            let decoded = OnceLock::new();
            Ok((header, Self { decoded, encoded }))
        });
        members.collect()
    }

    fn get(&self) -> &PhoneMetadataWrapper {
        #[cfg(feature = "builtin_metadata")]
        let decode = || {
            let metadata = PhoneMetadata::decode(self.encoded.clone());
            let metadata = metadata.expect("the built-in metadata can be decoded");
            Box::new(metadata.into())
        };
        #[cfg(not(feature = "builtin_metadata"))]
        let decode = || unreachable!("metadata that is not built in is decoded");
        self.decoded.get_or_init(decode)
    }
}

impl From<PhoneMetadata> for LazyMetadata {
    fn from(metadata: PhoneMetadata) -> Self {
        Self {
            decoded: OnceLock::from(Box::new(metadata.into())),
            #[cfg(feature = "builtin_metadata")]
            encoded: Bytes::new(),
        }
    }
}

/// Metadata by region or calling code.
pub(crate) struct MetadataMap<K>(FxHashMap<K, LazyMetadata>);

impl<K: Eq + Hash> MetadataMap<K> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(FxHashMap::with_capacity_and_hasher(
            capacity,
            Default::default(),
        ))
    }

    pub(crate) fn insert(&mut self, key: K, metadata: LazyMetadata) {
        self.0.insert(key, metadata);
    }

    pub(crate) fn get(&self, key: &K) -> Option<&PhoneMetadataWrapper> {
        self.0.get(key).map(LazyMetadata::get)
    }

    pub(crate) fn keys(&self) -> impl ExactSizeIterator<Item = &K> {
        self.0.keys()
    }
}
