//! A network in ONNX, run by `rten` on one thread. The only file that knows the runtime.
//!
//! rten promises memory safety and nothing about time or memory (its page "Security and resource usage"), so networks are
//! loaded and run in the child processes alone, which have limits of both; a panic of the runtime is a refusal here.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rten::{
    DataType, Dimension, Model, NodeId, RunOptions, ThreadPool, Value, ValueType, ValueView,
};

use super::fit::Port;
use super::{Network, Numbers, OnnxFlaw};

/// A network that is loaded.
pub struct Loaded {
    model: Model,
    options: RunOptions,
}

impl Loaded {
    /// Loads a network; each page has a thread of its own already, so it gets no more.
    pub fn load(bytes: Vec<u8>) -> Result<Self, OnnxFlaw> {
        guarded(|| Model::load(bytes).map_err(|error| error.to_string())).map(|model| Self {
            model,
            options: RunOptions::default()
                .with_thread_pool(Some(Arc::new(ThreadPool::with_num_threads(1)))),
        })
    }

    fn ports(&self, ids: &[NodeId]) -> Vec<Port> {
        let infos = ids.iter().filter_map(|id| self.model.node_info(*id));
        let port = |info: rten::NodeInfo<'_>| Port {
            name: info.name().unwrap_or_default().to_owned(),
            sides: info.shape().map(|sides| sides.iter().map(fixed).collect()),
            is_float: info
                .dtype()
                .map(|kind| kind == ValueType::Tensor(DataType::Float)),
        };
        infos.map(port).collect()
    }
}

impl Network for Loaded {
    fn inputs(&self) -> Vec<Port> {
        self.ports(self.model.input_ids())
    }

    fn outputs(&self) -> Vec<Port> {
        self.ports(self.model.output_ids())
    }

    fn run(
        &self,
        (picture, sides, values): (&str, [usize; 4], &[f32]),
        width: Option<(&str, i32)>,
        outputs: &[String],
    ) -> Result<Vec<Numbers>, OnnxFlaw> {
        let told = width.map(|(_, width_px)| [width_px]);
        guarded(|| {
            let id = |name: &str| self.model.node_id(name).map_err(|error| error.to_string());
            let view = ValueView::from_shape(&sides, values).map_err(|error| error.to_string())?;
            let mut inputs = vec![(id(picture)?, view.into())];
            if let (Some((name, _)), Some(told)) = (width, &told) {
                let view = ValueView::from_shape(&[1], told).map_err(|error| error.to_string())?;
                inputs.push((id(name)?, view.into()));
            }
            let ids: Vec<NodeId> = outputs
                .iter()
                .map(|name| id(name))
                .collect::<Result<_, _>>()?;
            let run = self.model.run(inputs, &ids, Some(self.options.clone()));
            let values = run.map_err(|error| error.to_string())?;
            values.into_iter().map(numbers).collect()
        })
    }
}

fn fixed(side: &Dimension) -> Option<usize> {
    match side {
        Dimension::Fixed(side) => Some(*side),
        Dimension::Symbolic(_) => None,
    }
}

fn numbers(value: Value) -> Result<Numbers, String> {
    use rten_tensor::Layout;
    match value {
        Value::FloatTensor(tensor) => {
            Ok(Numbers::Float(tensor.shape().to_vec(), tensor.into_data()))
        }
        Value::Int32Tensor(tensor) => {
            Ok(Numbers::Whole(tensor.shape().to_vec(), tensor.into_data()))
        }
        other => Err(format!("{:?}", other.dtype())),
    }
}

/// What the runtime says or dies of, as a refusal.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, OnnxFlaw> {
    let refused = |cause: String| OnnxFlaw::Refused { cause };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(refused),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned();
            let words = words.or_else(|| panic.downcast_ref::<&str>().map(|&words| words.into()));
            Err(refused(words.unwrap_or_else(|| "panic".to_owned())))
        }
    }
}
